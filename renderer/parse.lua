-- Parses the chapters and runs the project's Lua filters on them, all in one Pandoc process.
-- Run as `pandoc lua parse.lua JOB`, JOB being a JSON file:
--   {"documents": [{"format": "html", "name": ..., "offset": "..", "text": ...}], "filters": ["..."]}
-- Prints one document a line, in JSON. A message on stderr names the chapter: "AT <name>".

local job_file = io.open(arg[1], "r")
local job = pandoc.json.decode(job_file:read("a"), false)
job_file:close()

local reader = {
  format = "markdown",
  extensions = pandoc.format.extensions("markdown"),
}
-- A chapter's front matter is read before; a later `---` block is a rule, not settings.
reader.extensions.yaml_metadata_block = false
reader.extensions.implicit_figures = true

-- The part of Quarto's Lua interface that formats of one book need.
local function is_format(name)
  local aliases = { html5 = "html", pdf = "typst", ["html:js"] = "html" }
  return FORMAT == (aliases[name] or name)
end
quarto = {
  project = {},
  doc = { is_format = is_format, isFormat = is_format },
  log = { output = function(...) io.stderr:write(...) end, warning = function(...) io.stderr:write(...) end },
}

-- Tables that come as HTML (data frames) become tables of every format.
local tables_from_html = {
  RawBlock = function(block)
    if block.format:match("^html") and block.text:match("<table") then
      local parsed = pandoc.read(block.text, "html")
      return parsed.blocks
    end
  end,
}

local text, read
for _, document in ipairs(job.documents) do
  FORMAT = document.format
  quarto.project.offset = document.offset
  io.stderr:write("AT " .. document.name .. "\n")
  -- Wide source lines must not turn a table's columns into fixed shares of the page.
  local doc = document.text == text and read or pandoc.read(document.text, reader, { columns = 100000 })
  text, read = document.text, doc -- the formats of one text follow one another
  doc = doc:walk(tables_from_html)
  for _, filter in ipairs(job.filters) do
    io.stderr:write("FILTER " .. filter .. "\n")
    -- What a filter sets is gone after it: a chapter's tree must not depend on the chapters before it.
    doc = pandoc.utils.run_lua_filter(doc, filter, setmetatable({}, { __index = _G }))
    io.stderr:write("AT " .. document.name .. "\n")
  end
  io.stdout:write(pandoc.write(pandoc.Pandoc(doc.blocks), "json"), "\n")
end
