-- Tables on paper. In the PDF the notes below a table become its foot, which stays with the rows and is set again on every page
-- of a long table; in Word they are paragraphs of a style of their own. A table too wide for the page gets column widths by what
-- is in them; Word, which would make all columns equal, gets them for every table. Wide ones have turned pages. Both ways of
-- typesetting run this filter.
local typst, word = FORMAT:match("typst") ~= nil, FORMAT:match("docx") ~= nil
-- On screens a table scrolls, and Quarto must not turn the page a second time.
local function upright(div)
  if div.classes:includes("landscape") then
    div.classes = div.classes:filter(function(name) return name ~= "landscape" end)
    return div
  end
end
if not (typst or word) then
  return { { Div = upright } }
end

-- A section of Word ends with its page's size; renderer/docx_finish.py gives it margins, head and foot.
local function end_of_section(size)
  return pandoc.RawBlock("openxml", '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    .. "<w:sectPr><w:pgSz " .. size .. "/></w:sectPr></w:pPr></w:p>")
end
local BEFORE_TURNED = typst and pandoc.RawBlock("typst", "#page(flipped: true)[")
  or end_of_section('w:w="11906" w:h="16838"')
local AFTER_TURNED = typst and pandoc.RawBlock("typst", "]")
  or end_of_section('w:w="16838" w:h="11906" w:orient="landscape"')

-- Centimetres: the text of an A4 page, upright and turned; a mean character of a table; the room beside the text of a column.
local UPRIGHT, TURNED = 16.0, 24.0
local CHARACTER, ROOM = word and 0.172 or 0.162, word and 0.36 or 0.33
-- Characters that a column of words keeps at least where it has to wrap, and what the longest text counts as; how much wider
-- a word of a head is, in its bold type, and one in the type of code.
local NARROWEST, ORDINARY, BOLD, MONO = 10, 60, 1.12, 1.2
-- The longest word that a column makes room for; one with no-break spaces is several words. Longer ones break in the cell: Word
-- does that by itself, the PDF's frame (report.typ) from the same lengths on.
local LONGEST_WORD, LONGEST_CHAIN = 24, 47

local function each_row(table, act)
  for _, row in ipairs(table.head.rows) do act(row, BOLD) end
  for _, body in ipairs(table.bodies) do
    for _, row in ipairs(body.body) do act(row, 1) end
  end
end

-- A row that holds a heading in bold type alone spans the table when it is set, so it asks for no width.
local function is_heading(row)
  for place = 2, #row.cells do
    if #row.cells[place].contents > 0 then return false end
  end
  local first = #row.cells > 1 and row.cells[1].contents[1]
  return first and first.content and #first.content == 1 and first.content[1].t == "Strong"
end

local function by_content(table, page)
  local count = #table.colspecs
  local longest, word_length = {}, {}
  for place = 1, count do longest[place], word_length[place] = 1, 1 end
  each_row(table, function(row, broad)
    if is_heading(row) then return end
    for place, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents):gsub("&nbsp;", "\u{a0}")
      local broad = broad
      cell.contents:walk({ Code = function() broad = math.max(broad, MONO) end })
      longest[place] = math.max(longest[place], (utf8.len(text) or #text) * broad)
      for part in text:gmatch("[^ ]+") do
        local most = part:find("\u{a0}") and LONGEST_CHAIN or LONGEST_WORD
        word_length[place] = math.max(word_length[place], math.min(utf8.len(part) or #part, most) * broad)
      end
    end
  end)
  local wanted, least, total, floor = {}, {}, 0, 0
  for place = 1, count do
    wanted[place] = math.max(longest[place], word_length[place]) * CHARACTER + ROOM
    local kept = math.max(word_length[place], math.min(longest[place], NARROWEST))
    least[place] = kept * CHARACTER + ROOM
    total, floor = total + wanted[place], floor + least[place]
  end
  if total <= page then
    return wanted, page
  end
  -- Every column has its longest word; what is left is shared out by the longest line, a long text counting as an ordinary one.
  local spare, weights, sum, open = math.max(0, page - floor), {}, 0, 0
  for place = 1, count do
    weights[place] = math.max(0, math.min(longest[place], ORDINARY) * CHARACTER + ROOM - least[place])
    sum = sum + weights[place]
    open = open + (longest[place] > ORDINARY and 1 or 0)
  end
  local share = sum > 0 and math.min(1, spare / sum) or 0
  for place = 1, count do
    local rest = longest[place] > ORDINARY and (spare - share * sum) / open or 0
    wanted[place] = least[place] + share * weights[place] + rest
  end
  return wanted, math.max(page, floor)
end

local function set_widths(table, page)
  local widths, whole = by_content(table, page)
  local total = 0
  for _, width in ipairs(widths) do total = total + width end
  for place, spec in ipairs(table.colspecs) do
    -- Typst fits the columns of a table that is not too wide better than a count of characters does.
    local width = (word or total >= page - 0.01) and widths[place] / whole or nil
    table.colspecs[place] = { spec[1], width }
  end
end

local function foot(notes, columns)
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#table-notes[") })
  blocks:extend(notes.content)
  blocks:insert(pandoc.RawBlock("typst", "]"))
  return pandoc.TableFoot({ pandoc.Row({ pandoc.Cell(blocks, pandoc.AlignLeft, 1, columns) }) })
end

local function placed(blocks, page)
  local out = pandoc.Blocks({})
  for _, block in ipairs(blocks) do
    if block.t == "Table" then
      if not block.attributes["tbl-colwidths"] then set_widths(block, page) end
      out:insert(block)
    elseif block.t == "Div" and block.classes:includes("table-notes") then
      local table = out[#out]
      if word then
        block.attributes["custom-style"] = "Table Notes"
        out:insert(block)
      elseif table and table.t == "Table" then
        table.foot = foot(block, #table.colspecs)
      else
        error("notes without a table above them: " .. pandoc.utils.stringify(block))
      end
    else
      local turned = block.t == "Div" and block.classes:includes("landscape")
      if block.t == "Div" then block.content = placed(block.content, turned and TURNED or page) end
      if turned then out:insert(BEFORE_TURNED) end
      out:insert(turned and upright(block) or block)
      if turned then out:insert(AFTER_TURNED) end
    end
  end
  return out
end

return { { Pandoc = function(doc) doc.blocks = placed(doc.blocks, UPRIGHT) return doc end } }
