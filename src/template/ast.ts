/** What a template consists of, and how its parts are quoted in errors. `at` is an offset in the template's text. */

export type Node =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  | { readonly kind: 'action'; readonly at: number; readonly pipe: Pipe }
  | Branch
  | { readonly kind: 'break' | 'continue'; readonly at: number }
  | {
      readonly kind: 'template';
      readonly at: number;
      readonly name: string;
      readonly pipe: Pipe | undefined;
    };

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** Commands joined by `|`, perhaps kept in variables: `$i, $v := ...`. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly at: number;
  readonly variables: readonly string[];
  /** True for `=`: the variables exist already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly kind: 'command';
  readonly at: number;
  readonly args: readonly [Operand, ...Operand[]];
}

export type Operand =
  | { readonly kind: 'function'; readonly at: number; readonly name: string }
  | { readonly kind: 'dot' | 'nil'; readonly at: number }
  | { readonly kind: 'field'; readonly at: number; readonly names: readonly string[] }
  /** `$name.Field.Field`. */
  | {
      readonly kind: 'variable';
      readonly at: number;
      readonly name: string;
      readonly names: readonly string[];
    }
  /** `(...).Field.Field`. */
  | { readonly kind: 'chain'; readonly at: number; readonly base: Operand; readonly names: readonly string[] }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'number'; readonly at: number; readonly text: string; readonly number: NumberLiteral }
  /** `quoted` is as it was written. */
  | { readonly kind: 'string'; readonly at: number; readonly quoted: string; readonly value: string }
  | Pipe;

/** A number may serve as both kinds: `1.0` is a whole number too; `isFloat` is what it is where nothing is asked of it. */
export interface NumberLiteral {
  readonly value: number;
  readonly isInt: boolean;
  readonly isFloat: boolean;
}

const fields = (names: readonly string[]): string => names.map((name) => `.${name}`).join('');

/** A part as Go writes it in errors: its canonical text, not the one that was read. */
export function quote(node: Node | Pipe | Command | Operand): string {
  switch (node.kind) {
    case 'text':
    case 'break':
    case 'continue':
      return node.kind;
    case 'action':
      return `{{${quote(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return `{{${node.kind} ${quote(node.pipe)}}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe === undefined ? '' : ` ${quote(node.pipe)}`}}}`;
    case 'pipe':
      return quotePipe(node);
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${quote(arg)})` : quote(arg))).join(' ');
    case 'function':
      return node.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'field':
      return fields(node.names);
    case 'variable':
      return node.name + fields(node.names);
    case 'chain':
      return `${node.base.kind === 'pipe' ? `(${quote(node.base)})` : quote(node.base)}${fields(node.names)}`;
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
  }
}

function quotePipe({ variables, assigns, commands }: Pipe): string {
  const declared = variables.length === 0 ? '' : `${variables.join(', ')} ${assigns ? '=' : ':='} `;
  return declared + commands.map(quote).join(' | ');
}
