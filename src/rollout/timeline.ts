/** What a watch has seen of a service over time. Scripts depend on the names and meanings of the fields. Times are RFC 3339. */
import type { WaitReason } from './state.ts';

/** One task. All times are those of polls, by the clock of this machine. */
export interface TimelineTask {
  readonly task: string;
  /** Whether it has the spec that was asked for, or the spec from before. */
  readonly spec: 'new' | 'before';
  readonly image: string;
  /** Empty if it was never on a node. */
  readonly node: string;
  /** When it was first seen; of a task that was there before the change: the start of the timeline. */
  readonly from: string;
  /** When it was first seen running; absent if it never was. */
  readonly running?: string;
  /** When it was first seen at its end, and its last state (`removed`: the engine has deleted it). Absent if it goes on. */
  readonly to?: string;
  readonly end?: string;
  /** Present if it ended badly. */
  readonly failed?: true;
}

export interface TimelineSlot {
  readonly slot: string;
  /** How many earlier tasks are left out; absent if none are. */
  readonly earlier?: number;
  /** From the oldest to the newest. */
  readonly tasks: readonly TimelineTask[];
}

export interface RolloutTimeline {
  /** The engine's acceptance of the change, and the verdict. */
  readonly from: string;
  readonly to: string;
  readonly slots: readonly TimelineSlot[];
  /** What the rollout waited for, and when. `count`: the most tasks that it was about at once; 0 is the whole service. */
  readonly waits: readonly {
    readonly reason: WaitReason;
    readonly count: number;
    readonly from: string;
    readonly to: string;
  }[];
  /** What happened beside the tasks, in the words of --progress plain. `type` is that of --progress json. */
  readonly events: readonly { readonly type: string; readonly time: string; readonly text: string }[];
}
