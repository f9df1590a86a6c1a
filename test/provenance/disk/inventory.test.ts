// What of a tree is signed how, and by when it needs a post-quantum signature.
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inventory, stateOf } from '../../../src/provenance/disk/inventory.ts';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { generateKey } from '../../../src/provenance/keys/schemes.ts';
import { daysLeft, roadMaps } from '../../../src/provenance/signature/roadMaps.ts';
import { temporaryModels } from './signedModels.ts';

const models = temporaryModels();
afterAll(models.remove);

const [key, classical] = [generateKey('ml-dsa-87'), generateKey('ecdsa-p384')];
const hybrid = models.make({ 'a.bin': 'a', 'sub/b.bin': 'b' });
await signModel(hybrid, { key, hybrid: { key: classical } });
const tree = dirname(hybrid);
cpSync(hybrid, join(tree, 'stripped'), { recursive: true });
rmSync(join(tree, 'stripped/model.pq.sig'));
cpSync(hybrid, join(tree, 'half'), { recursive: true });
rmSync(join(tree, 'half/model.sig'));
writeFileSync(join(tree, 'one.bin'), 'one');
await signModel(join(tree, 'one.bin'), { key });
mkdirSync(join(tree, 'beside'));
writeFileSync(join(tree, 'beside/c.bin'), 'c');
await signModel(join(tree, 'beside'), { key, signature: join(tree, 'beside.sig') });
cpSync('test/provenance/disk/official/model', join(tree, 'official'), { recursive: true });
cpSync('test/provenance/disk/official/certificate.sig', join(tree, 'official/model.sig'));
writeFileSync(join(tree, 'loose.bin'), '');
writeFileSync(join(tree, 'notes.sig'), 'something else');
symlinkSync('..', join(tree, 'loop'));

const found = inventory(tree);
const modelAt = (name: string) => found.models.find(({ path }) => path === join(tree, name));

describe('a tree', () => {
  it('lists each model once, with its state', () => {
    expect(Object.fromEntries(found.models.map(({ path, state }) => [path.slice(tree.length + 1), state]))).toEqual({
      beside: 'post-quantum',
      half: 'post-quantum',
      'model-1': 'hybrid',
      official: 'classical',
      'one.bin': 'post-quantum',
      stripped: 'classical',
    });
  });

  it('says by whom, of keys and of certificates, and with which algorithms', () => {
    expect(modelAt('model-1')?.signatures.map(({ algorithm, by }) => [algorithm, by])).toEqual([
      ['ecdsa-p384', `key ${classical.publicKey.identifier}`],
      ['ml-dsa-87', `key ${key.publicKey.identifier}`],
    ]);
    expect(modelAt('official')?.signatures).toMatchObject([{ algorithm: 'ecdsa-p256', by: 'CN=Model signer' }]);
  });

  it('says which signature of a hybrid is missing', () => {
    expect(modelAt('model-1')?.missing).toEqual([]);
    expect(modelAt('stripped')?.missing).toEqual(['ml-dsa-87']);
    expect(modelAt('half')?.missing).toEqual(['ecdsa-p384']);
  });

  it('lists files without a signature, and signatures that are none of a model; links are not followed', () => {
    expect(found.unsigned).toEqual([join(tree, 'loose.bin')]);
    expect(found.unreadable).toMatchObject([{ file: join(tree, 'notes.sig'), code: 'bundle-malformed-json' }]);
    expect(found.isCut).toBe(false);
  });
});

it('an algorithm that is both is a hybrid of its own', () => {
  expect(stateOf(['mldsa87-ecdsa-p384-sha512'])).toBe('hybrid');
  expect(stateOf([undefined])).toBe('unknown');
});

it('a road map is over after its last day', () => {
  const [first] = roadMaps;
  if (first === undefined) throw new Error('no road map');
  expect(daysLeft(first, new Date('2030-12-31T23:00:00Z'))).toBe(0);
  expect(daysLeft(first, new Date('2031-01-01T00:00:01Z'))).toBe(-1);
  expect(roadMaps.map(({ signatures }) => signatures)).toEqual(['2030-12-31', '2031-12-31', '2035-12-31']);
});
