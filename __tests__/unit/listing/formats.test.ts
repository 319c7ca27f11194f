/** ps --format, compared with the output of the real docker client for the same tasks. */
import { describe, expect, test } from '@jest/globals';
import { isTableFormat, readRowFormat, readServiceFormat } from '../../../src/listing/formats.ts';
import { taskRows } from '../../../src/listing/task-rows.ts';
import { TASK_ROWS } from '../../../src/listing/task-table.ts';
import { SwarmrollError, exitCodeOf } from '../../../src/errors.ts';
import { formats, full, psTasks, rowOptions } from '../support/reading.ts';

async function printed(format: string): Promise<{ readonly text?: string; readonly error?: string }> {
  const isTable = isTableFormat(format);
  try {
    const print = await readRowFormat(format, TASK_ROWS);
    return { text: print(taskRows(psTasks, { ...rowOptions, isTable })) };
  } catch (error) {
    if (!(error instanceof SwarmrollError)) throw error;
    return { error: error.message.replace(/^.*?template parsing error: /s, '') };
  }
}

// "table" alone is the default format of ps: see task-rows.test.ts.
test.each(formats.filter(({ format }) => format !== 'table'))(
  'ps --format $format',
  async ({ format, ...docker }) => {
    const ours = await printed(format);
    expect(ours.text).toBe(docker.text);
    // Errors are in our words.
    expect(ours.error === undefined).toBe(docker.error === undefined);
  },
);

test('-q --format raw prints the ids', async () => {
  const rows = taskRows(psTasks.slice(0, 1), { ...rowOptions, trunc: false });
  expect((await readRowFormat('raw', TASK_ROWS, true))(rows)).toBe('id: t000000000000000000000001\n');
});

describe('errors', () => {
  test('a template that does not parse ends with the exit code of docker', () => {
    const read = () => readServiceFormat('{{.ID');
    expect(read).toThrow(
      'invalid argument "{{.ID" for --format: template parsing error: template: :1: unclosed action',
    );
    expect(exitCodeOf(thrownBy(read))).toBe(1);
  });

  test('and so does a template that fails on a service', () => {
    const run = () => readServiceFormat('{{.Nope}}')(full);
    expect(exitCodeOf(thrownBy(run))).toBe(1);
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
