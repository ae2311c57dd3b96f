// Judges Open Badges 3.0 with a Data Integrity proof by verifier-core of the Digital Credentials Consortium. Arguments: files or loopback addresses.
import {ask, json, judge, reasons} from './judge.mjs';
import {load} from './installed.mjs';

const {verifyCredential} = await load('@digitalcredentials/verifier-core');

await judge(async input => {
  const credential = await json(input);
  // No registry of issuers is asked: registered_issuer is false for everybody and says nothing here.
  const result = await ask(() => verifyCredential({credential, knownDIDRegistries: []}));
  if (result.errors) return {why: result.errors.map(reasons).join(' | ')};
  const step = id => result.log.find(entry => entry.id === id);
  const checks = (result.additionalInformation ?? []).filter(entry => entry.id === 'schema_check');
  const schemas = checks.flatMap(check => (Array.isArray(check.results) ? check.results : [{result: {valid: false, errors: [{message: check.results}]}}]));
  const status = step('revocation_status');
  const failed = result.log.filter(entry => entry.id !== 'registered_issuer' && entry.valid !== true);
  const complaints = schemas.flatMap(schema => schema.result.errors ?? []).map(error => `${error.instancePath ?? ''} ${error.message}`);
  return {
    verified: failed.length === 0 && step('valid_signature')?.valid === true && (!credential.credentialStatus || status?.valid === true),
    revoked: status?.valid === undefined ? null : !status.valid,
    expired: step('expiration')?.valid === undefined ? null : !step('expiration').valid,
    schema_valid: schemas.length ? schemas.every(schema => schema.result.valid) : null,
    why: [...failed.map(entry => `${entry.id}: ${entry.error ? reasons(entry.error) : 'failed'}`), ...complaints].join(' | '),
  };
});
