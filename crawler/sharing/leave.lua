-- Take no part any longer. ARGV: worker, '1' to hand what it holds to the others, '0' to let go of it.
for _, url in ipairs(redis.call('SMEMBERS', held(worker))) do
  if ARGV[2] == '1' then
    redis.call('ZADD', queue, 0, url)
  else
    redis.call('HDEL', tasks, url)
  end
end
redis.call('DEL', held(worker))
redis.call('ZREM', workers, worker)
bury()
if redis.call('ZCARD', workers) == 0 and redis.call('ZCARD', queue) == 0 then
  redis.call('DEL', round, tasks, seen, done, sequence)
end
return 0
