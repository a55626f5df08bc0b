// The settings of the EdgeWorker: replace them in the bundle before it is uploaded. docs/akamai.md explains each.
export const settings = {
  ENVIRONMENT: 'production',
  CLOUD: 'akamai',
  VIEW: 'pricing',
  EDGEKV_NAMESPACE: 'lockstep',
  EDGEKV_GROUP: 'production',
  PUBLIC_KEYS: '[]',
  UNIT_COOKIE: 'visitor',
  FLAGS: '[]',
  VARY_BY: '[]',
  OFFLINE_DEFAULTS: '{}',
};
