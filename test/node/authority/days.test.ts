// Files that state a day that does not exist are refused: another program would read it as another day.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type OpenChallenge, textOf } from '../../../src/enrolment/files.ts';
import { readEnrolmentFile } from '../../../src/node/authority/enrolmentFiles.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { revokeCertificates } from '../../../src/node/authority/revocation.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-days-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('a day that does not exist is refused in the database of an authority', () => {
  createAuthority({ suite, directory });
  issueCredentials({ suite, directory, name: 'bob' });
  const file = join(directory, 'ca.json');
  const spoilt = readFileSync(file, 'utf8').replace(/"notAfter": "\d{4}-\d\d-\d\d/, '"notAfter": "2027-02-29');
  writeFileSync(file, spoilt);
  expect(() => revokeCertificates({ suite, directory, which: 'bob' })).toThrow(
    /ca\.json: not a database of an authority/,
  );
});

it('a day or time that does not exist is refused in a file of an enrolment', () => {
  const file = join(directory, 'open.json');
  const open: OpenChallenge = {
    version: 1,
    type: 'pquake open challenge',
    requestDigest: 'a'.repeat(96),
    authorityDigest: 'b'.repeat(96),
    nonce: 'c'.repeat(64),
    expires: '2028-02-29T23:59:59Z',
    responseDigest: 'd'.repeat(96),
  };
  writeFileSync(file, textOf(open));
  expect(readEnrolmentFile(file, 'openChallenge')).toEqual(open);
  for (const expires of ['2027-02-29T00:00:00Z', '2027-02-28T24:00:00Z', '2027-13-01T00:00:00Z']) {
    writeFileSync(file, textOf({ ...open, expires }));
    expect(() => readEnrolmentFile(file, 'openChallenge')).toThrow(
      /open\.json: not a openChallenge: \/expires: expected a day and time that exist/,
    );
  }
});
