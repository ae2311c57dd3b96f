// Judges Open Badges 3.0 as VC-JWT: signature by jose, claims by the rules of OB 3.0 section 8.2. Arguments: files or loopback addresses.
import {ask, judge, reasons, Refused, text} from './judge.mjs';
import {load} from './installed.mjs';
import {checkStatus, revokedBy} from './resolution.mjs';

const jose = await load('jose');
const HEADER = ['alg', 'kid', 'jwk', 'typ'];

function didDocumentUrl(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${host}${path.length ? '/' + path.join('/') : '/.well-known'}/did.json`;
}

async function fetched(url) {
  const response = await ask(() => fetch(url));
  if (!response.ok) throw new Refused(`HTTP ${response.status} from ${url}`);
  return ask(() => response.json());
}

// A key by address speaks for an issuer only from the issuer's own origin; anybody can publish a key somewhere.
// A did:key has no origin: there the key must come from where the credential itself is published.
function issuerOrigin(credential) {
  const id = credential.issuer.id ?? credential.issuer;
  if (id.startsWith('did:web:')) return new URL(didDocumentUrl(id)).origin;
  const url = /^https?:/.test(id) ? id : credential.id;
  if (!/^https?:/.test(url ?? '')) throw new Refused('the issuer has no address that its key could come from');
  return new URL(url).origin;
}

async function keyOf(header, credential) {
  const issuer = credential.issuer?.id ?? credential.issuer;
  if (!issuer || !header.kid) throw new Refused('no issuer or no kid');
  if (header.kid.startsWith('did:web:')) {
    const did = header.kid.split('#')[0];
    if (did !== issuer) throw new Refused(`the key belongs to ${did}, not to the issuer ${issuer}`);
    const document = await fetched(didDocumentUrl(did));
    if (document.id !== did) throw new Refused(`the document of ${did} calls itself ${document.id}`);
    if (!document.assertionMethod?.includes(header.kid)) throw new Refused(`${header.kid} is not an assertionMethod`);
    const method = document.verificationMethod?.find(candidate => candidate.id === header.kid);
    if (!method?.publicKeyJwk) throw new Refused(`${header.kid} has no publicKeyJwk`);
    return method.publicKeyJwk;
  }
  if (!/^https?:/.test(header.kid)) throw new Refused(`kid ${header.kid} is neither did:web nor an address`);
  if (new URL(header.kid).origin !== issuerOrigin(credential)) throw new Refused(`the key ${header.kid} is not of the issuer's origin`);
  const key = await fetched(header.kid);
  if (key.keys || !key.kty) throw new Refused(`${header.kid} is not one JWK`);
  return key;
}

const seconds = date => Date.parse(date) / 1000;

function claimFaults(header, claims) {
  const issuer = claims.issuer.id ?? claims.issuer;
  return [
    ...Object.keys(header).filter(name => !HEADER.includes(name)).map(name => `header ${name}`),
    header.typ !== undefined && header.typ !== 'JWT' && 'typ is not JWT',
    claims.iss !== issuer && 'iss is not issuer.id',
    (!claims.sub || claims.sub !== claims.credentialSubject?.id) && 'sub is not credentialSubject.id',
    (!claims.jti || claims.jti !== claims.id) && 'jti is not id',
    claims.nbf !== seconds(claims.validFrom) && 'nbf is not validFrom',
    claims.exp !== (claims.validUntil && seconds(claims.validUntil)) && 'exp is not validUntil',
  ].filter(Boolean);
}

async function opened(token) {
  try {
    const unverified = {header: jose.decodeProtectedHeader(token), claims: jose.decodeJwt(token)};
    const key = await jose.importJWK(await keyOf(unverified.header, unverified.claims), unverified.header.alg);
    return await jose.jwtVerify(token, key, {algorithms: ['RS256', 'ES256']});
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(reasons(error), {expired: error instanceof jose.errors.JWTExpired || null});
  }
}

await judge(async input => {
  const {payload: claims, protectedHeader: header} = await opened(await text(input));
  const faults = claimFaults(header, claims);
  const status = claims.credentialStatus ? await ask(() => checkStatus({credential: claims})) : null;
  const revoked = revokedBy(status);
  return {
    verified: faults.length === 0 && (status ? revoked === false : true),
    revoked,
    expired: false,
    why: [...faults, reasons(status?.error), revoked ? 'revoked' : ''].filter(Boolean).join(' | '),
  };
});
