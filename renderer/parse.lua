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
  local aliases = { html4 = "html", html5 = "html", ["html:js"] = "html" }
  return FORMAT == (aliases[name] or name)
end
quarto = {
  project = {},
  doc = { is_format = is_format, isFormat = is_format },
  log = { output = function(...) io.stderr:write(...) end, warning = function(...) io.stderr:write(...) end },
}

-- What comes as HTML (data frames, objects that show themselves so) becomes what every format has: tables always, and in formats
-- other than HTML all that a cell has given.
local function without_wrapping(blocks)
  return blocks:walk({
    Div = function(div) return div.content end,
    RawBlock = function() return {} end,
  })
end

local function from_html(everything)
  local function read(block, all)
    if block.t == "RawBlock" and block.format:match("^html") and (all or block.text:match("<table")) then
      return without_wrapping(pandoc.read(block.text, "html").blocks)
    end
  end
  return {
    traverse = "topdown",
    RawBlock = function(block) return read(block, false) end,
    Div = function(div)
      if div.classes:includes("cell-html") then
        return read(div.content[1], everything) or div.content
      end
    end,
  }
end

local text, read
for _, document in ipairs(job.documents) do
  FORMAT = document.format
  quarto.project.offset = document.offset
  io.stderr:write("AT " .. document.name .. "\n")
  -- Wide source lines must not turn a table's columns into fixed shares of the page.
  local doc = document.text == text and read or pandoc.read(document.text, reader, { columns = 100000 })
  text, read = document.text, doc -- the formats of one text follow one another
  doc = doc:walk(from_html(FORMAT ~= "html"))
  for _, filter in ipairs(job.filters) do
    io.stderr:write("FILTER " .. filter .. "\n")
    -- What a filter sets is gone after it: a chapter's tree must not depend on the chapters before it.
    doc = pandoc.utils.run_lua_filter(doc, filter, setmetatable({}, { __index = _G }))
    io.stderr:write("AT " .. document.name .. "\n")
  end
  io.stdout:write(pandoc.write(pandoc.Pandoc(doc.blocks), "json"), "\n")
end
