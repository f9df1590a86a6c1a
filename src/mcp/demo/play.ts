// The example as it is played: six steps, each with what is expected of it.
import type { Suite } from '../../crypto/suite.ts';
import { connect } from '../../node/transport/tcp.ts';
import { openedChannel } from '../transport/connectOverChannel.ts';
import * as peers from './peers.ts';
import { entriesIn, lastOf, type Row, type Seen, type Step, wordsOf } from './told.ts';
import { type PeerName, serverUri, type Ward } from './ward.ts';

/** Milliseconds in which a session ends whose certificate was revoked, as `serve` promises. */
const revokedWithin = 3_000;

const beds = 'stats://hospital.example/beds';
const vitals = { patient: 'bed 12' };
const dose = (milligrams: number) => ({ patient: 'bed 12', drug: 'paracetamol', milligrams });
const read = 'bed 12: pulse 72, 118/76 mmHg';
const permitted = (rule: string): string => `permitted: ${rule}`;
const denied = (reason: string): Seen => ({ gets: 'denied', record: `denied: ${reason}` });

/** Who takes part, once the gateway listens. */
export interface Stage {
  readonly suite: Suite;
  readonly ward: Ward;
  readonly gateway: peers.Command & { readonly address: string };
  readonly nurse: peers.Host;
  readonly doctor: peers.Host;
  readonly research: Pick<peers.Host, 'client' | 'close'>;
}

/** Where the server is, who asks, and who is expected there: the words of `connect` and `approve`. */
const reaching = (
  { suite, ward, gateway }: Pick<Stage, 'suite' | 'ward' | 'gateway'>,
  name: PeerName,
): readonly string[] => [...[gateway.address, '--expect', serverUri], ...peers.peerWords(ward.of(name), suite.name)];

/** A client that is refused is told at once; otherwise `connect` would try again for a while. */
const atOnce = ['--no-reconnect'];

/** Opens the ward: the server behind `serve`, and three clients. */
export async function open(suite: Suite, ward: Ward, started: peers.Started): Promise<Stage> {
  const own = [...peers.peerWords(ward.of('records'), suite.name), ...ward.lists.flatMap((list) => ['--crl', list])];
  const governed = ['--policy', ward.policy, '--record', ward.records.server, '--expect', 'anyone'];
  const gateway = await peers.gateway([...own, ...governed, ...peers.serverWords(ward.description)], started);
  const words = (name: PeerName): readonly string[] => reaching({ suite, ward, gateway }, name);
  const [nurse, doctor] = await Promise.all([
    peers.host('nurse', words('nurse'), started),
    peers.host('doctor', [...words('doctor'), ...atOnce], started),
  ]);
  const to = peers.connectOptions(suite, ward.of('research'), gateway.address, serverUri);
  const research = await peers.workload('research', to, started);
  return { suite, ward, gateway, nurse, doctor, research };
}

/** What the record of the server says last of a peer. */
const decisionOn = ({ ward }: Stage, who: string): string =>
  wordsOf(lastOf(ward.records.server, 'decided', `CN=${who}`));

/** A request of a client: what comes back, and what the record of the server says of it. */
async function row(stage: Stage, who: string, does: string, expected: Seen, ask: Promise<string>): Promise<Row> {
  const gets = await ask;
  return { who, does, expected, found: { gets, record: decisionOn(stage, who) } };
}

/** What the record says of the next peer that is refused while something is done. */
async function refused({ ward }: Stage, work: () => Promise<string>): Promise<Seen> {
  const all = () => entriesIn(ward.records.server).filter(({ event }) => event === 'refused');
  const before = all().length;
  const gets = await work();
  const entry = await peers.until('a peer that is refused', () => all()[before]);
  return { gets, record: wordsOf(entry) };
}

/** A person's client is started. */
const comes = (stage: Stage, name: PeerName, started: peers.Started): Promise<string> =>
  peers.asked(async () => {
    const { close } = await peers.host(name, [...reaching(stage, name), ...atOnce], started);
    await close();
    return 'connected';
  });

async function lists(stage: Stage): Promise<Step> {
  const shown = (gets: string): Seen => ({ gets, record: permitted('protocol') });
  return {
    title: 'What each peer is shown of the two tools',
    rows: [
      await row(stage, 'nurse', 'tools/list', shown('read_vitals'), peers.listTools(stage.nurse)),
      await row(stage, 'doctor', 'tools/list', shown('prescribe, read_vitals'), peers.listTools(stage.doctor)),
      await row(stage, 'research', 'tools/list', shown('none'), peers.listTools(stage.research)),
    ],
  };
}

async function calls(stage: Stage): Promise<Step> {
  const { nurse, doctor, research } = stage;
  const seesVitals = { gets: read, record: permitted('nurses-read-vitals') };
  const prescribed = { gets: 'bed 12: paracetamol, 500 mg', record: permitted('doctors-prescribe') };
  const counted = { gets: '41 of 48 beds are taken', record: permitted('research-reads-statistics') };
  const call = peers.callTool;
  return {
    title: 'What each peer may do',
    rows: [
      await row(stage, 'nurse', 'read_vitals', seesVitals, call(nurse, 'read_vitals', vitals)),
      await row(stage, 'nurse', 'prescribe 500 mg', denied('no-rule'), call(nurse, 'prescribe', dose(500))),
      await row(stage, 'doctor', 'prescribe 500 mg', prescribed, call(doctor, 'prescribe', dose(500))),
      await row(stage, 'doctor', 'prescribe 5,000 mg', denied('arguments'), call(doctor, 'prescribe', dose(5_000))),
      await row(stage, 'research', 'read_vitals', denied('forbidden'), call(research, 'read_vitals', vitals)),
      await row(stage, 'research', 'reads statistics', counted, peers.readResource(research, beds)),
    ],
  };
}

async function revocation(stage: Stage, started: peers.Started): Promise<Step> {
  const { ward, doctor, nurse } = stage;
  const why = 'certificate-revoked';
  ward.revokeDoctor();
  const since = performance.now();
  const ended = await peers.until("the end of the doctor's session", () =>
    lastOf(ward.records.server, 'disconnected', 'CN=doctor'),
  );
  const took = performance.now() - since;
  const gets = took <= revokedWithin ? 'session ended' : 'session ended too late';
  const late = await peers.callTool(doctor, 'read_vitals', vitals);
  await doctor.close();
  const again = await refused(stage, () => comes(stage, 'doctor', started));
  const seesVitals = { gets: read, record: permitted('nurses-read-vitals') };
  return {
    title: "The doctor's certificate is revoked in the middle of the session",
    rows: [
      {
        ...{ who: 'doctor', does: 'does nothing', expected: { gets: 'session ended', record: why } },
        found: { gets, record: wordsOf(ended) },
        remark: `${(took / 1_000).toFixed(1)} s after the list was written; at most ${revokedWithin / 1_000} s`,
      },
      {
        ...{ who: 'doctor', does: 'read_vitals', expected: { gets: 'no connection', record: why } },
        found: { gets: late, record: wordsOf(ended) },
      },
      { who: 'doctor', does: 'connects again', expected: { gets: 'no connection', record: why }, found: again },
      await row(stage, 'nurse', 'read_vitals', seesVitals, peers.callTool(nurse, 'read_vitals', vitals)),
    ],
  };
}

/** The nurse, or who cares for the nurse's machine, looks at what the server declares. */
async function approve(stage: Stage, how: '--yes' | '--show', started: peers.Started): Promise<readonly string[]> {
  const words = ['approve', ...reaching(stage, 'nurse'), '--pins', stage.ward.pins, how];
  const { ended, results, notes } = peers.command(words, started);
  const status = await ended;
  return status === 0 ? results.slice(1) : [`status ${status}`, ...notes];
}

async function swap(stage: Stage, started: peers.Started): Promise<Step> {
  const { ward, nurse } = stage;
  const changed = 'tool read_vitals is changed';
  const said = (event: string): string => wordsOf(lastOf(ward.records.nurse, event));
  const [approved = ''] = await approve(stage, '--yes', started);
  await nurse.close();
  ward.swapTool();
  const governed = ['--pins', ward.pins, '--record', ward.records.nurse];
  const again = await peers.host('nurse', [...reaching(stage, 'nurse'), ...governed], started);
  const gets = await peers.listTools(again);
  const list = { gets, record: said('tools') };
  const call = { gets: await peers.callTool(again, 'read_vitals', vitals), record: said('decided') };
  await again.close();
  const from = again.notes.indexOf(changed);
  const lines = again.notes.filter((line, at) => at === from || (at > from && line.startsWith('  ')));
  const shown = await approve(stage, '--show', started);
  const isSame = from >= 0 && shown.join('\n') === lines.join('\n');
  return {
    title: 'read_vitals is swapped: the server gives the model other words for it',
    rows: [
      {
        ...{ who: 'nurse', does: 'mcp approve', expected: { gets: 'new tool read_vitals', record: '' } },
        found: { gets: approved, record: '' },
        remark: 'before: what is approved is pinned',
      },
      {
        ...{ who: 'nurse', does: 'tools/list', expected: { gets: 'refused', record: changed }, found: list },
        remark: "by the nurse's own client, which has a record too",
      },
      { who: 'nurse', does: 'read_vitals', expected: { gets: 'refused', record: 'denied: tool-changed' }, found: call },
      {
        ...{ who: 'nurse', does: 'mcp approve --show', expected: { gets: 'the same difference', record: '' } },
        found: { gets: isSame ? 'the same difference' : `otherwise: ${shown.join(' ')}`, record: '' },
      },
    ],
    lines,
  };
}

/** Asks for statistics until that is too much. */
async function flood({ research }: Stage): Promise<{ readonly gets: string; readonly count: number }> {
  for (let count = 1; count <= 1_000; count += 1) {
    const gets = await peers.readResource(research, beds);
    if (gets === 'denied') return { gets, count };
  }
  return { gets: 'no end', count: 1_000 };
}

async function strangers(stage: Stage, started: peers.Started): Promise<Step> {
  const { suite, ward, gateway } = stage;
  const to = (name: PeerName) => peers.connectOptions(suite, ward.of(name), gateway.address, serverUri);
  const impostor = await refused(stage, async () => {
    const result = await connect(to('impostor'));
    return result.ok ? 'connected' : 'no connection';
  });
  const porter = await row(stage, 'porter', 'connects', denied('no-rule'), comes(stage, 'porter', started));
  const { gets, count } = await flood(stage);
  const flooded = { gets, record: decisionOn(stage, 'research') };
  const { channel } = await openedChannel(to('research'));
  const closed = new Promise((resolve) =>
    channel
      .on('error', () => {})
      .once('end', resolve)
      .once('close', resolve)
      .resume(),
  );
  channel.write('no message\n'.repeat(200));
  await closed;
  channel.destroy();
  const noise = await peers.until('the end of the noise', () =>
    lastOf(ward.records.server, 'disconnected', 'CN=research'),
  );
  return {
    title: 'Others who come',
    rows: [
      {
        ...{ who: 'impostor', does: 'connects', expected: { gets: 'no connection', record: 'certificate-untrusted' } },
        ...{ found: impostor, remark: 'a doctor by an authority that calls itself Hospital Staff CA too' },
      },
      porter,
      {
        ...{ who: 'research', does: 'floods with requests', expected: denied('rate'), found: flooded },
        remark: `request ${count}; 30 a minute are permitted`,
      },
      {
        ...{
          who: 'research',
          does: 'floods with noise',
          expected: { gets: 'session ended', record: 'too-many-violations' },
        },
        found: { gets: 'session ended', record: wordsOf(noise) },
      },
    ],
  };
}

/** The steps, up to the end of the gateway. */
export const steps: readonly ((stage: Stage, started: peers.Started) => Promise<Step>)[] = [
  lists,
  calls,
  revocation,
  swap,
  strangers,
];
