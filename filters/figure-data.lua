-- The numbers behind a figure come with it, as a division of the class `figure-data`. On the website they stand folded below
-- the figure; on paper the figure stands alone.
local function folded(data)
  if not FORMAT:match("html") then
    return pandoc.Blocks({})
  end
  local out = pandoc.Blocks({ pandoc.RawBlock("html", '<details class="figure-data"><summary>Data of this figure</summary>') })
  out:extend(data.content:walk({
    Table = function(table)
      table.attributes["aria-label"] = "Data of the figure" -- it has no caption to be called by
      return table
    end,
  }))
  out:insert(pandoc.RawBlock("html", "</details>"))
  return out
end

-- A figure is a picture and its caption; its data come after it and not between the two.
local function below(figure)
  local out = pandoc.Blocks({})
  figure = figure:walk({
    Div = function(div)
      if div.classes:includes("figure-data") then
        out:extend(folded(div))
        return {}
      end
      return #div.content == 0 and {} or nil -- what Quarto had put round the data
    end,
  })
  out:insert(1, figure)
  return out
end

return {
  {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes("figure-data") then
        return folded(div), false
      elseif div.identifier:match("^fig%-") then
        return below(div), false
      end
    end,
  },
}
