// Unbakes Open Badges 2.0 pictures (PNG, SVG) with Mozilla's bakery: verified says that something was inside, content what.
// It verifies no signature and knows no Open Badges 3.0. Arguments: files or loopback addresses.
import {ask, bytes, judge, Refused} from './judge.mjs';
import {load} from './installed.mjs';
import {promisify} from 'node:util';

const bakery = await load('openbadges-bakery');

await judge(async input => {
  const picture = await bytes(input);
  // For anything smaller it never calls back.
  if (picture.length < 256) throw new Refused('too small: this bakery looks at pictures of 256 bytes and more');
  const content = await ask(() => promisify(bakery.extract)(picture));
  return {verified: Boolean(content), content: content ? String(content) : null, why: content ? '' : 'nothing is baked in'};
});
