-- wait_for_server BACKEND BACKEND: holds a new connection until it can be made. The first of the backends that has a server
-- which is up decides: all of these must accept connections, since HAProxy learns of a crash only by its next checks. One
-- that refuses at once is taken for down without waiting for them; the next check puts it right if it is not. (Write a
-- backend twice where it is alone.) The frontend's inspect-delay bounds the wait.
--
-- Without it a connection that comes while another member takes over is turned away, and PgBouncer tells that error to
-- all clients of the pool until a log-in succeeds. So clients wait a moment instead.
local function milliseconds()
  local now = core.now()
  return now.sec * 1000 + now.usec / 1000
end

local function accepts(server)
  local socket = core.tcp()
  socket:settimeout(1)
  local begun = milliseconds()
  local connected = socket:connect(server:get_addr())
  socket:close()
  -- A server that is too busy to answer is another matter.
  if not connected and milliseconds() - begun < 200 then server:check_force_down() end
  return connected
end

local function up(backend)
  local servers = {}
  for _, server in pairs(core.backends[backend].servers) do
    if string.sub(server:get_stats().status, 1, 2) == "UP" then table.insert(servers, server) end
  end
  return servers
end

local function ready(one, other)
  for _, backend in ipairs({ one, other }) do
    local servers = up(backend)
    if #servers > 0 then
      for _, server in ipairs(servers) do
        if not accepts(server) then return false end
      end
      return true
    end
  end
  return false
end

core.register_action("wait_for_server", { "tcp-req" }, function(_, one, other)
  while not ready(one, other) do core.msleep(50) end
end, 2)
