-- Sends the requests of a file that bench/prepared.py wrote, each once, and prints what came of it as one line of JSON.

local file

function init(args)
  file = assert(io.open(args[1], "rb"))
end

function request()
  local size = file:read("*n", "*l")
  if size == nil then error("more requests are needed than were prepared") end
  return file:read(size)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, "not_2xx": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
