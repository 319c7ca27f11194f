/** The conversion of the engine's services. */
import { expect, test } from '@jest/globals';
import { serviceSeen } from '../../../src/engine/convert.ts';
import { exactNumber } from '../../../src/values/integer.ts';

test('durations up to the largest 64-bit integer are converted', () => {
  const longest = exactNumber(2n ** 63n - 1n);
  const UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0, Delay: longest, Monitor: longest };
  const service = {
    ID: 'id',
    Version: { Index: 1 },
    CreatedAt: '',
    UpdatedAt: '',
    Spec: { TaskTemplate: {}, UpdateConfig },
  };
  const { updatePolicy, rollbackPolicy } = serviceSeen(service, () => '');
  expect(updatePolicy).toEqual({ monitor: 2 ** 63 / 1e6, delay: 2 ** 63 / 1e6, failureAction: 'pause' });
  expect(rollbackPolicy).toEqual({ monitor: 5_000, delay: 0, failureAction: 'pause' });
});
