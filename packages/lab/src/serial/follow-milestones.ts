// Reports the boot milestones of a machine as its serial log grows.
import { type Follower, followFile } from './follow.ts';
import { createMilestoneParser, type Milestone } from './milestones.ts';

export interface MilestoneFollower extends Follower {
  /** Settles when following ends: resolves on close, rejects when the log cannot be read any more. */
  ended: Promise<void>;
}

/** Calls back for each milestone from an offset of the log on, also those that are written already. */
export function followMilestones(
  path: string,
  onMilestone: (milestone: Milestone) => void,
  fromOffset: number,
): MilestoneFollower {
  const parser = createMilestoneParser();
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const onData = (data: Buffer) => {
    for (const milestone of parser.push(data)) onMilestone(milestone);
  };
  const follower = followFile(path, fromOffset, onData, reject);
  return {
    ended,
    close() {
      follower.close();
      resolve();
    },
  };
}
