// Gives the installed packages of others: they live in the folder that install.py filled, not beside these files.
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const folder = process.env.LAUREL_VERIFIERS ?? path.resolve(import.meta.dirname, '../../../var/verifiers');
const installation = createRequire(path.join(folder, 'node', 'package.json'));

export const schemas = path.join(folder, 'schemas');

export const load = name => import(pathToFileURL(installation.resolve(name)));
