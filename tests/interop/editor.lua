-- Opens crm.roster.hcl of the working directory as a person would, with the settings of docs/guides/editors.md, and writes what the editor
-- shows to editor.json.
local name = "crm.roster.hcl"
local settings = table.concat(vim.fn.readfile(os.getenv("SETTINGS")), "\n")
assert(loadstring(settings))()

local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    error("waited in vain for " .. what)
  end
end

local function ask(method)
  local answers = vim.lsp.buf_request_sync(0, method, vim.lsp.util.make_position_params(0, "utf-16"), 20000)
  for _, answer in pairs(answers) do
    return answer.result
  end
end

vim.cmd("edit " .. name)
wait("the diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
local shown = { diagnostics = vim.tbl_map(function(found) return { found.lnum, found.code, found.source } end, vim.diagnostic.get(0)) }

vim.fn.cursor(vim.fn.search("222222222222"), 10)
shown.hover = ask("textDocument/hover").contents.value

-- Typed, not read anew: the mistake goes while the file stays unsaved.
vim.cmd([[%s/= 222222222222/= "222222222222"/]])
wait("no diagnostics", function() return #vim.diagnostic.get(0) == 0 end)
shown.saved = table.concat(vim.fn.readfile(name), "\n")

vim.fn.search("local.why")
vim.fn.search("why")
vim.lsp.buf.definition()
wait("the declaration", function() return vim.fn.expand("%:t") == "main.roster.hcl" end)
shown.declaration = { vim.fn.line("."), vim.fn.expand("<cword>") }

vim.cmd("buffer " .. name)
vim.fn.cursor(vim.fn.search("membership"), 3)
vim.cmd("normal! Omem")
vim.cmd("startinsert!")
vim.fn.cursor(vim.fn.line("."), 4)
shown.completion = vim.tbl_map(function(item) return item.label end, ask("textDocument/completion"))
vim.cmd("stopinsert")
vim.cmd("normal! dd")

if vim.lsp.buf.format then vim.lsp.buf.format() else vim.lsp.buf.formatting_sync(nil, 20000) end
shown.formatted = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")

vim.fn.writefile({ vim.fn.json_encode(shown) }, "editor.json")
vim.cmd("qall!")
