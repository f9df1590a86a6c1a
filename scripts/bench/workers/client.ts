// A process of its own: honest initiators that know the responder, as many at one time as are asked for, or so many a second whatever becomes of those before.
// It counts, and tells its parent. Arguments: directory of credentials, port, how many at one time, how many a second (0: as fast as they complete).
import { join } from 'node:path';
import { readCredentials, readTrustAnchors } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { connect } from '../../../src/node/transport/tcp.ts';
import type { Ask, Offered } from './messages.ts';

const [directory = '', port = '', most = '', rate = '0'] = process.argv.slice(2);
const suite = chooseSuite();
const options = {
  ...{ suite, expectedPeer: 'bob', host: '127.0.0.1', port: Number(port) },
  credentials: readCredentials(suite, join(directory, 'alice.pem'), join(directory, 'alice.key')),
  trustAnchors: readTrustAnchors(suite, [join(directory, 'ca.pem')]),
} as const;
let [begun, completed, underWay, started] = [0, 0, 0, 0];

async function one(): Promise<void> {
  begun += 1;
  underWay += 1;
  const result = await connect(options);
  underWay -= 1;
  if (!result.ok) return;
  completed += 1;
  result.session.wipe();
  result.stream.destroy();
}

const again = (): void => void one().then(again);
process.on('message', (ask: Ask) => {
  if (ask === 'begin') [begun, completed, started] = [0, 0, performance.now()];
  const offered: Offered = { kind: 'offered', begun, completed };
  if (ask === 'end') process.send?.(offered);
});
if (rate === '0') for (let i = 0; i < Number(most); i += 1) again();
else
  setInterval(() => {
    // Open loop: what is late is made up for.
    const due = started === 0 ? 0 : Math.floor(((performance.now() - started) / 1_000) * Number(rate));
    for (let i = 0; begun < due && underWay < Number(most) && i < 100; i += 1) one();
  }, 4);
process.on('disconnect', () => process.exit(0));
const ready: Offered = { kind: 'offered', begun, completed };
process.send?.(ready);
