// Guards whose files can become unusable while a connection is open.
import { ConfigurationError } from '../../configuration.ts';
import type { Guard, GuardJudgement } from '../gate/index.ts';
import type { ToolsGuard, ToolsJudgement } from '../tools/guard.ts';

/**
 * What a guard of tools says, as a gate asks it. Where a file that it needs has become unusable, nothing that it judges goes through.
 * @param onJudgement - is told each judgement before it counts
 */
export function heeding(guard: ToolsGuard, onJudgement: (judgement: ToolsJudgement) => void): Guard {
  function judged(judge: () => ToolsJudgement): GuardJudgement {
    try {
      const judgement = judge();
      onJudgement(judgement);
      if (!judgement.forward) return { forward: false, message: judgement.message };
      return judgement.result === undefined ? { forward: true } : { forward: true, result: judgement.result };
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return { forward: false, message: `refused: ${error.message}` };
    }
  }
  return {
    judges: true,
    asked: (method, params) => judged(() => guard.asked(method, params)),
    answered: (method, params, result) => judged(() => guard.answered(method, params, result)),
    notified: guard.notified,
  };
}
