// The files that cells are made of: theories, and the generated protocol in two forms.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProtocolText, takeApart } from './roleText.ts';

/** What every cell is made of. */
export interface Sources {
  readonly theories: string;
  /** With events, for secrecy and agreement. */
  readonly traces: ProtocolText;
  /** Without events, with the honest handshake, for identity hiding. */
  readonly equivalence: ProtocolText;
}

/** A text without its head, with its declarations of queries by name. */
export interface Asked {
  readonly text: string;
  readonly declarations: Readonly<Record<string, string>>;
}

const theories = ['base', 'kem-binding', 'aead', 'certificates'];

/**
 * Reads the sources under a folder of models.
 * @param protocol - `default`, or another protocol generated in both forms, with a pre-shared secret
 */
export function readSources(directory: string, protocol = 'default', hiding = protocol): Sources {
  const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
  return {
    theories: theories.map((one) => read(`theories/proverif/${one}.pvl`)).join('\n'),
    traces: takeApart(read(`generated/proverif/${protocol}.psk.traces.pvl`)),
    equivalence: takeApart(read(`generated/proverif/${hiding}.psk.equivalence.pvl`)),
  };
}
