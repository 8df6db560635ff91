/** The sender of telemetry: the server imports it statically and, with telemetry off, never makes one. */
exports.AppInsightsCore = class AppInsightsCore {};
