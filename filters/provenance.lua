-- On the website one quiet row stands below a figure or table: its data, the cell that made it, and the function of the analysis
-- that the cell called. On paper the exhibit stands alone.
--
-- The numbers behind a figure come with it, as a division of the class `figure-data`. The function is the call in the last line
-- of the cell: `module.function(...)` stands for analysis/module.py.
local html = FORMAT:match("html") ~= nil

local function is_exhibit(div)
  return div.identifier:match("^fig%-") or div.identifier:match("^tbl%-")
end

local function origin(cells)
  local last = #cells > 0 and cells[#cells].text:match("([^\n]+)%s*$") or ""
  last = last:match("^.*%) or ([%a_].*)$") or last -- a sentence in place of a figure without data, or else the figure
  local module, name = last:match("^([%a_][%w_]*)%.([%a_][%w_]*)%(")
  return module and "analysis/" .. module .. ".html#" .. name
end

-- In a notebook the data are folded by HTML of their own, which goes here.
local function folded(data)
  local out = pandoc.Blocks({ pandoc.RawBlock("html", '<details class="figure-data"><summary>Data of this figure</summary>') })
  data:walk({
    Table = function(table)
      table.attributes["aria-label"] = "Data of the figure" -- it has no caption to be called by
      out:insert(table)
    end,
  })
  out:insert(pandoc.RawBlock("html", "</details>"))
  return out
end

-- A picture and its caption; its data and its cell come after it and not between the two.
local function with_row(exhibit)
  local row, cells = pandoc.Blocks({}), {}
  exhibit = exhibit:walk({
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes("figure-data") then
        if html then row:extend(folded(div)) end
        return {}, false
      end
    end,
    CodeBlock = function(block)
      local shown = (block.attributes["fold"] or block.attributes["code-fold"]) == "false"
      if html and not shown and block.classes:includes("cell-code") then
        table.insert(cells, block)
        return {}
      end
    end,
  })
  -- What had been put round the data and the cell.
  exhibit = exhibit:walk({ Div = function(div) return #div.content == 0 and {} or nil end })
  row:extend(cells)
  local where = origin(cells)
  if where then
    local target = (quarto.project.offset or ".") .. "/code/" .. where
    local link = pandoc.Link("Source code", target, "The function of the analysis that made this", pandoc.Attr("", { "code-link" }))
    row:insert(pandoc.Plain({ link }))
  end
  return #row > 0 and { exhibit, pandoc.Div(row, pandoc.Attr("", { "provenance" })) } or exhibit
end

local function holds_exhibit(div)
  local found = false
  div:walk({ Div = function(inner) found = found or is_exhibit(inner) end })
  return found
end

return {
  {
    traverse = "topdown",
    Div = function(div)
      if is_exhibit(div) or (div.classes:includes("cell") and holds_exhibit(div)) then
        return with_row(div), false
      elseif div.classes:includes("figure-data") then
        return html and folded(div) or {}, false
      end
    end,
  },
}
