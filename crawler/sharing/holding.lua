-- The tasks that a worker holds: an answer that it never got may have handed it some. ARGV: worker.
local tasks_held = {}
for _, url in ipairs(redis.call('SMEMBERS', held(worker))) do
  tasks_held[#tasks_held + 1] = redis.call('HGET', tasks, url)
end
return tasks_held
