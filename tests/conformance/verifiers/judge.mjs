// Runs one judgement over each input named on the command line and prints one JSON line for it.
// Exit 0: every input was judged, whatever the verdict. Exit 3: a verifier wanted an address outside this machine.
// Exit 1: the instrument itself is broken; that is never a verdict.
import {foreign} from './offline.mjs';
import fs from 'node:fs';

// Standard output belongs to the verdicts; libraries that chat do so elsewhere.
console.log = console.info = console.debug = console.error;

// The document is at fault, not the instrument.
export class Refused extends Error {
  constructor(why, facts = {}) {
    super(why);
    this.facts = facts;
  }
}

// One line that names every error of a nest of them.
export function reasons(error) {
  if (!error) return '';
  if (error.errors?.length) return error.errors.map(reasons).join(' | ');
  const event = error.details?.event ?? error.event;
  const detail = event ? ' ' + JSON.stringify(event.details ?? event).slice(0, 300) : '';
  const cause = error.cause ? ' <- ' + reasons(error.cause) : '';
  return `${error.name ?? 'Error'}: ${error.message ?? JSON.stringify(error)}${detail}${cause}`;
}

// Calls code of others: what it throws is its refusal.
export async function ask(verifier) {
  try {
    return await verifier();
  } catch (error) {
    throw new Refused(reasons(error));
  }
}

// The bytes of a file or of a loopback address.
export async function bytes(input) {
  if (!/^https?:/.test(input)) return fs.readFileSync(input);
  const response = await ask(() => fetch(input));
  if (!response.ok) throw new Refused(`HTTP ${response.status} from ${input}`, {revoked: response.status === 410 || null});
  return Buffer.from(await response.arrayBuffer());
}

export const text = async input => (await bytes(input)).toString('utf8').trim();

export async function json(input) {
  const source = await text(input);
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new Refused(`not JSON: ${error.message}`);
  }
}

// Calls judgement(input) for each input; it returns the facts of a verdict, or throws Refused.
export async function judge(judgement) {
  for (const input of process.argv.slice(2)) {
    const verdict = {input, verified: false, revoked: null, expired: null, schema_valid: null, why: ''};
    try {
      Object.assign(verdict, await judgement(input));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      Object.assign(verdict, error.facts, {verified: false, why: error.message});
    }
    process.stdout.write(JSON.stringify(verdict) + '\n');
  }
  if (foreign.length) {
    process.stderr.write(`a verifier asked for addresses outside this machine: ${[...new Set(foreign)].join(', ')}\n`);
    process.exitCode = 3;
  }
}
