import type { Schedule } from '../../protocol/parameters.ts';
import type { ScheduleName } from './format.ts';

/** The schedules by their names in vectors. */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  eager: 'eager',
  'initiator-first': { first: 'initiator' },
  'responder-first': { first: 'responder' },
};
