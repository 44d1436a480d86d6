import { RESOURCES } from './fake-pbx.js'

/** Placeholder for the address of a fake PBX. */
const PLACEHOLDER = 'http://PBX'

/** Description of an ARI with one operation, `asterisk.getInfo`. */
export const INFO_RESOURCES = { ...RESOURCES, basePath: `${PLACEHOLDER}/ari` }
/** Description of its one resource. */
export const INFO_RESOURCE = {
  ...INFO_RESOURCES,
  resourcePath: '/api-docs/asterisk.{format}',
  apis: [
    {
      path: '/asterisk/info',
      description: 'Asterisk system information',
      operations: [
        {
          httpMethod: 'GET',
          nickname: 'getInfo',
          responseClass: 'AsteriskInfo',
          parameters: [{ name: 'only', paramType: 'query', dataType: 'string' }],
        },
      ],
    },
  ],
  models: { AsteriskInfo: { id: 'AsteriskInfo', properties: { system: { type: 'string' } } } },
}

/** @returns a description with the address of a fake PBX in it */
export const describedAt = (url: string, description: string): string =>
  description.replaceAll(PLACEHOLDER, url)
