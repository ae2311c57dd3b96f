// Judges the form of Open Badges 3.0 documents, plain or inside a JWT, by the official JSON Schemas (draft 2019-09). Arguments: files or loopback addresses.
import {judge, Refused, text} from './judge.mjs';
import {load, schemas} from './installed.mjs';
import fs from 'node:fs';
import path from 'node:path';

const {Ajv2019} = await load('ajv/dist/2019.js');
const formats = await load('ajv-formats');

const ajv = new Ajv2019({allErrors: true, strict: false});
(formats.default.default ?? formats.default)(ajv);
const compiled = name => ajv.compile(JSON.parse(fs.readFileSync(path.join(schemas, `ob_v3p0_${name}_schema.json`), 'utf8')));
const credential = compiled('achievementcredential');
const byType = {OpenBadgeCredential: credential, AchievementCredential: credential, Profile: compiled('profile')};

function parsed(source) {
  try {
    return JSON.parse(source.startsWith('{') ? source : Buffer.from(source.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch (error) {
    throw new Refused(`neither JSON nor a JWT: ${error.message}`);
  }
}

await judge(async input => {
  const document = parsed(await text(input));
  const type = [document.type].flat().find(name => name in byType);
  if (!type) throw new Refused(`no official schema for type ${JSON.stringify(document.type)}`);
  const valid = byType[type](document);
  const why = valid ? '' : byType[type].errors.map(error => `${error.instancePath} ${error.message}`).join(' | ');
  return {verified: valid, schema_valid: valid, why};
});
