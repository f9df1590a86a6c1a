// Peers that judge whom they meet too soon, too late or not at all.

import { parseCertificate } from '../../../../src/certificate/parse.ts';
import { passed, refused } from '../../../../src/failure.ts';
import { type Bytes, same } from '../../../../src/octets.ts';
import type { Defect } from '../defect.ts';

const commonName = (certificate: Bytes): string | undefined => {
  const parsed = parseCertificate(certificate);
  return parsed.ok ? parsed.value.commonName : undefined;
};

export const identityDefects: readonly Defect[] = [
  {
    id: 'confirmation-withheld-of-one-read',
    breaks: 'what comes in one read is judged before anything is sent: a peer that is refused sees no confirmation',
    found: ['own-certificate-together'],
    withholds: true,
  },
  {
    id: 'confirmation-withheld-from-strangers',
    breaks: 'the same, for a peer that is not the expected one',
    found: ['unexpected-peer-together'],
    withholds: true,
  },
  {
    id: 'confirmation-withheld-from-itself',
    breaks: 'who shows the own certificate gets no confirmation, however its messages come',
    found: ['own-certificate'],
    algebra: (a, { identity }) => {
      let own = false;
      return {
        ...a,
        verifyCertificate: (input) => {
          own = same(input.certificate, identity.certificate);
          return a.verifyCertificate(input);
        },
        message: (message) =>
          own && message.type.endsWith('Confirmation') ? (new Uint8Array() as typeof a.empty) : a.message(message),
      };
    },
  },
  {
    id: 'unexpected-refused-early',
    breaks: 'an unexpected peer is refused when its certificate comes',
    found: ['unexpected-peer'],
    algebra: (a, { expected }) => ({
      ...a,
      verifyCertificate: (input) => {
        const verified = a.verifyCertificate(input);
        const name = commonName(input.certificate);
        return verified.ok && name !== expected ? refused('unexpected-peer') : verified;
      },
    }),
  },
  {
    id: 'anyone-expected',
    breaks: 'any valid peer is accepted, whoever is expected',
    found: ['unexpected-peer'],
    accepts: 'anyone',
  },
  {
    id: 'beginning-of-name-compared',
    breaks: 'a name that begins with the expected one is taken for it',
    found: ['unexpected-peer-longer'],
    accepts: 'anyone',
    algebra: (a, { expected, identity }) => {
      let name: string | undefined;
      return {
        ...a,
        verifyCertificate: (input) => {
          name = commonName(input.certificate);
          return a.verifyCertificate(input);
        },
        acceptPeer: () => {
          const like = name?.startsWith(expected) ?? true;
          return like && name !== commonName(identity.certificate) ? passed(true) : refused('unexpected-peer');
        },
      };
    },
  },
];
