/** The SBOM of a build: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/ */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

const purl = ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** The folder of the package that `path` means by a name, as Node finds it; undefined if the lock file has none. */
function resolve(lock, path, name) {
  for (let from = path; ; from = from.slice(0, Math.max(from.lastIndexOf('node_modules/') - 1, 0))) {
    const found = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (lock.packages[found] !== undefined) return found;
    if (from === '') return undefined;
  }
}

/**
 * The SBOM as an object. The same build has the same SBOM.
 * @param own the package.json of this project
 * @param packages from `readPackage` (bundled.mjs)
 * @param lock package-lock.json; its hashes are those of the packages as npm has them
 * @param time the time of the commit, ISO 8601; undefined if it is not known
 * @param bun the version of Bun, of an executable
 */
export function sbom(own, packages, lock, time, bun) {
  const refOf = new Map(packages.map((one) => [one.path, purl(one)]));
  const root = purl(own);
  const runtime = bun === undefined ? [] : [{ name: 'bun', version: bun }];
  const uses = (path, names = {}) => [
    ...new Set(Object.keys(names).flatMap((name) => refOf.get(resolve(lock, path, name)) ?? [])),
  ];
  // The same version can be in two folders.
  const different = [...new Map(packages.map((one) => [purl(one), one])).values()];
  const components = different.map(({ path, name, version, licence, homepage }) => ({
    type: 'library',
    'bom-ref': purl({ name, version }),
    ...(name.startsWith('@') ? { group: name.split('/')[0] } : {}),
    name: name.replace(/^@[^/]+\//, ''),
    version,
    hashes: [{ alg: 'SHA-512', content: sha512(lock.packages[path].integrity) }],
    licenses: [{ license: { id: licence } }],
    purl: purl({ name, version }),
    ...(homepage ? { externalReferences: [{ type: 'website', url: homepage }] } : {}),
  }));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      ...(time === undefined ? {} : { timestamp: time }),
      component: {
        type: 'application',
        'bom-ref': root,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
        purl: root,
      },
    },
    components: [
      ...components,
      ...runtime.map((one) => ({
        type: 'platform',
        'bom-ref': purl(one),
        ...one,
        licenses: [{ license: { id: 'MIT' } }],
        purl: purl(one),
        externalReferences: [
          { type: 'license', url: `https://github.com/oven-sh/bun/blob/bun-v${bun}/LICENSE.md` },
        ],
      })),
    ],
    dependencies: [
      {
        ref: root,
        dependsOn: [
          ...uses('', { ...lock.packages[''].dependencies, ...lock.packages[''].devDependencies }),
          ...runtime.map(purl),
        ],
      },
      ...different.map(({ path, ...one }) => {
        const dependsOn = uses(path, lock.packages[path].dependencies);
        return { ref: purl(one), ...(dependsOn.length > 0 ? { dependsOn } : {}) };
      }),
    ],
  };
  return { ...bom, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(bom))}` };
}

/** The hash of a lock file's `integrity` in hexadecimal digits. */
const sha512 = (integrity) => Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');

/** A UUID of version 8 (RFC 9562), made of a text. */
function uuidOf(text) {
  const digits = createHash('sha256').update(text).digest('hex');
  return digits.replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/,
    (_, a, b, c, d, e) => `${a}-${b}-8${c}-8${d}-${e}`,
  );
}
