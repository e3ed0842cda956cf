-- Announce addresses. ARGV: worker, round, '1' to leave out what is not due, then address, task, priority of each.
-- Returns how many were new, or -1 where the round is another one.
if redis.call('GET', round) ~= ARGV[2] then
  return -1
end
local new = 0
for i = 4, #ARGV, 3 do
  local url = ARGV[i]
  local waits = ARGV[3] == '1' and redis.call('EXISTS', due(url)) == 1
  if not waits and redis.call('SADD', seen, url) == 1 then
    redis.call('HSET', tasks, url, ARGV[i + 1])
    redis.call('ZADD', queue, redis.call('INCR', sequence) - ARGV[i + 2] * 1000000000, url)
    new = new + 1
  end
end
return new
