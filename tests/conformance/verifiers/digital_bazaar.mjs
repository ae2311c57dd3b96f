// Judges Open Badges 3.0 with a Data Integrity proof by the Digital Bazaar stack (JSON-LD safe mode). Arguments: files or loopback addresses.
import {ask, json, judge, reasons} from './judge.mjs';
import {load} from './installed.mjs';
import {checkStatus, documentLoader, revokedBy, suite} from './resolution.mjs';

const vc = await load('@digitalbazaar/vc');

await judge(async input => {
  const credential = await json(input);
  const result = await ask(() => vc.verifyCredential({
    credential, suite, documentLoader, ...(credential.credentialStatus && {checkStatus}),
  }));
  const revoked = revokedBy(result.statusResult);
  const why = [reasons(result.error), reasons(result.statusResult?.error), revoked ? 'revoked' : ''].filter(Boolean).join(' | ');
  return {
    verified: result.verified && !revoked && (!credential.credentialStatus || revoked === false),
    revoked,
    // Dates are looked at first: anything that came further was not expired.
    expired: /after "validUntil"/.test(why) ? true : result.verified ? false : null,
    why,
  };
});
