/** How a stored network of a stack differs from that of the file. Nobody changes a network: docker and the engine leave it. Pure. */
import type { Named } from '../api/cluster.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { ObjectSpec } from '../held-writes/held-writes.ts';
import { isObject } from '../values/exact-json.ts';

/** The stored network of the stack that has this name. */
export const networkOfStack = (
  networks: readonly Named[],
  name: string | undefined,
  stack: string,
): Named | undefined =>
  networks.find((one) => one.Name === name && fieldsOf(one['Labels'])[STACK_LABEL] === stack);

/** A warning that names what the file has otherwise; none if there is nothing. */
export function networkDiffers(wanted: ObjectSpec, stored: Named): readonly string[] {
  const parts = differentParts(wanted, stored);
  if (parts.length === 0) return [];
  return [
    `network ${wanted.Name ?? ''} is not as the file says (${parts.join(', ')}): a network cannot be changed; give it another name in the file`,
  ];
}

/** What differs, in the words of the file: "internal", "driver_opts encrypted". What the file leaves to the engine is not compared. */
function differentParts(wanted: ObjectSpec, stored: Named): string[] {
  const flags = [
    ['internal', 'Internal'],
    ['attachable', 'Attachable'],
    ['enable_ipv6', 'EnableIPv6'],
  ] as const;
  const [ipam, storedIpam] = [fieldsOf(wanted['IPAM']), fieldsOf(stored['IPAM'])];
  const subnets = subnetsOf(storedIpam);
  // The engine lists a network that it has not allocated without its driver, options and addresses (seen on 28.5).
  const isAllocated = (stored['Driver'] ?? '') !== '';
  const isOther = (value: unknown, now: unknown): boolean =>
    isAllocated && (value ?? '') !== '' && value !== now;
  return [
    ...(isOther(wanted['Driver'], stored['Driver']) ? ['driver'] : []),
    ...flags.flatMap(([word, field]) => (Boolean(wanted[field]) === Boolean(stored[field]) ? [] : [word])),
    ...(isAllocated
      ? otherKeys('driver_opts', fieldsOf(wanted['Options']), fieldsOf(stored['Options']))
      : []),
    ...otherKeys('labels', fieldsOf(wanted.Labels), fieldsOf(stored['Labels'])),
    ...(isOther(ipam['Driver'], storedIpam['Driver']) ? ['ipam driver'] : []),
    ...subnetsOf(ipam)
      .filter((subnet) => isAllocated && !subnets.includes(subnet))
      .map((subnet) => `ipam ${subnet}`),
  ];
}

/** The engine's own option: the ids that it has given to the network. */
const OWN_OPTION = 'com.docker.network.driver.overlay.vxlanid_list';

function otherKeys(word: string, wanted: Fields, stored: Fields): readonly string[] {
  const keys = new Set([...Object.keys(wanted), ...Object.keys(stored)]);
  const others = [...keys].filter((key) => key !== OWN_OPTION && wanted[key] !== stored[key]);
  return others.length === 0 ? [] : [`${word} ${others.join(', ')}`];
}

const subnetsOf = ({ Config }: Fields): readonly string[] =>
  (Array.isArray(Config) ? Config : []).flatMap((one) => {
    const { Subnet } = fieldsOf(one);
    return typeof Subnet === 'string' && Subnet !== '' ? [Subnet] : [];
  });

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});
