import { expect, it } from 'vitest';
import { generations } from '../../../src/node/transport/generations.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('a value retires when the last of those who entered it has left, and after the values before it', async () => {
  const values = generations('first');
  const [one, two] = [values.enter(), values.enter()];
  one.leave();
  const order: string[] = [];
  values.replace('second').then(() => order.push('first'));
  const three = values.enter();
  values.replace('third').then(() => order.push('second'));
  expect([two.value, three.value, values.enter().value]).toEqual(['first', 'second', 'third']);
  three.leave();
  await settled();
  expect(order).toEqual([]);
  two.leave();
  await settled();
  expect(order).toEqual(['first', 'second']);
});

it('users that come and go before a value is replaced do not retire it', async () => {
  const values = generations('first');
  values.enter().leave();
  const user = values.enter();
  let isRetired = false;
  values.replace('second').then(() => {
    isRetired = true;
  });
  await settled();
  expect(isRetired).toBe(false);
  user.leave();
  await settled();
  expect(isRetired).toBe(true);
});
