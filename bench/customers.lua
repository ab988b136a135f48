-- Asks wrk for one customer after another, as people arrive, and prints the percentiles.
-- Environment: KITH_IDS (a file, one id a line), KITH_KEY, KITH_PACE (mean ms between the
-- requests of one connection).

local ids = {}
local pace = tonumber(os.getenv("KITH_PACE"))

for id in io.lines(os.getenv("KITH_IDS")) do
  ids[#ids + 1] = id
end

init = function()
  -- the same order in every run
  math.randomseed(7)
end

delay = function()
  -- exponential pauses: people arrive independently, not ten at a time in step
  return math.floor(-pace * math.log(1 - math.random()))
end

request = function()
  local path = "/v1/customers/" .. ids[math.random(#ids)]
  return wrk.format("GET", path, { ["X-API-Key"] = os.getenv("KITH_KEY") })
end

done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %.1f, "failed": %d, "p50": %.2f, "p95": %.2f, "p99": %.2f, "max": %.2f}\n',
    summary.requests, summary.duration / 1e6, failed, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
