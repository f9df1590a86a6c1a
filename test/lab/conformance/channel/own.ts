// The product's own channel, behind the few calls that a peer of the tests makes.
import { openChannel } from '../../../../src/channel/channel.ts';
import type { InnerHandshake } from '../../../../src/channel/options.ts';
import type { Suite } from '../../../../src/crypto/suite.ts';
import type { Session } from '../../../../src/handshake/session.ts';
import type { RecordCounts } from '../../../../src/lab/conformance/channel/script.ts';
import type { TestChannel, TestChannelOptions } from './peer.ts';

interface OwnOptions extends Pick<TestChannelOptions, 'write' | 'deliver' | 'done'> {
  readonly session: Session;
  readonly suite: Suite;
  readonly inner: InnerHandshake;
  readonly limits?: RecordCounts;
}

export function ownChannel({ session, suite, inner, limits, write, deliver, done }: OwnOptions): TestChannel {
  const channel = openChannel({ session, suite, innerHandshake: inner, limits });
  const act = ({ output, events, failure }: ReturnType<typeof channel.close>): void => {
    for (const octets of output) write(octets);
    for (const one of events) {
      if (one.event === 'data') deliver(one.data);
      if (one.event === 'handshakeRequested') act(channel.startHandshake());
    }
    if (failure !== undefined) throw new Error(failure.code);
    const { sending, receiving } = channel.standing();
    if (sending === 'closed' && receiving === 'closed') done();
  };
  return {
    receive: (octets) => act(channel.receive(octets, performance.now())),
    end: () => act(channel.endOfInput()),
    send: (data) => act(channel.send(data)),
    close: () => act(channel.close()),
    alert: () => {},
  };
}
