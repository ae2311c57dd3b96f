// Keeps a verifier on this machine: loopback is open, the official schemas come from disk, the rest is refused and remembered.
// Import this before any verifier.
import dns from 'node:dns';
import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import path from 'node:path';
import {schemas} from './installed.mjs';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];
const SCHEMA = /^https:\/\/purl\.imsglobal\.org\/spec\/ob\/v3p0\/schema\/json\/(ob_v3p0_\w+_schema\.json)$/;

// Every address outside this machine that a verifier asked for. A verdict reached without it is worth nothing.
export const foreign = [];

const isLoopback = hostname => LOOPBACK.includes(hostname);

function refusal(address) {
  foreign.push(address);
  return new Error(`refused: ${address} is not on this machine`);
}

const online = globalThis.fetch;
globalThis.fetch = async (input, options) => {
  const url = typeof input === 'string' ? input : input.url ?? String(input);
  const file = SCHEMA.exec(url)?.[1];
  if (file && fs.existsSync(path.join(schemas, file))) {
    return new Response(fs.readFileSync(path.join(schemas, file)), {headers: {'content-type': 'application/json'}});
  }
  if (!isLoopback(new URL(url).hostname)) throw refusal(url);
  return online(input, options);
};

// Redirects, and libraries that do not use fetch, come through here.
const lookup = dns.lookup;
dns.lookup = (hostname, ...rest) => {
  if (isLoopback(hostname)) lookup(hostname, ...rest);
  else process.nextTick(rest.at(-1), refusal(hostname));
};
syncBuiltinESMExports();
