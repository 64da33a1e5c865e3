-- wait_for_server BACKEND BACKEND: holds a new connection until it can be made. The first of the backends that has a server
-- which is up decides: all of these must accept connections, since HAProxy learns of a crash only by its next checks. (Write
-- a backend twice where it is alone.) The frontend's inspect-delay bounds the wait.
--
-- HAProxy takes every server for up until its first check, also after a reload: a read sent to the primary as to a replica
-- would be cut by that check. So nothing is ready before all servers of the backends have been checked once.
--
-- Without it a connection that comes while another member takes over is turned away, and PgBouncer tells that error to
-- all clients of the pool until a log-in succeeds. So clients wait a moment instead.

-- Lua's own sockets try a refused connection again for 3 s; so one is made beside, and waited for a tenth of a second.
local function accepts(server)
  local connected = false
  core.register_task(function()
    local socket = core.tcp()
    socket:settimeout(1)
    connected = socket:connect(server:get_addr()) ~= nil
    socket:close()
  end)
  for _ = 1, 20 do
    if connected then return true end
    core.msleep(5)
  end
  return false
end

-- The servers that are up; nil where one was not checked yet. (One without an address is in maintenance, and is not checked.)
local function up(backend)
  local servers = {}
  for _, server in pairs(core.backends[backend].servers) do
    local stats = server:get_stats()
    if string.sub(stats.status, 1, 2) == "UP" then
      if string.find(stats.check_status, "INI", 1, true) then return nil end
      table.insert(servers, server)
    end
  end
  return servers
end

local function ready(one, other)
  for _, backend in ipairs({ one, other }) do
    local servers = up(backend)
    if servers == nil then return false end
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
