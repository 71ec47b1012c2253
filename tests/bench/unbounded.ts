/** Environment of a gateway that refuses nothing: what is measured is work, not admission. */
export const unbounded = {
  TENANT_REQUESTS_PER_MINUTE: '1000000000',
  TENANT_PICTURES: '1000000000',
  BACKLOG_DEVICE_SECONDS: '31536000',
} as const;
