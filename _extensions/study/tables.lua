-- A table without a caption is set as those with one: the frame knows tables by the figure around them.
if not quarto.doc.is_format("typst") then
  return {}
end

local function known(float)
  float.content = quarto.utils.as_blocks(float.content):walk({
    Table = function(table)
      table.attributes["captioned"] = "true"
      return table
    end,
  })
  return float
end

local function alone(table)
  if table.attributes["captioned"] then
    table.attributes["captioned"] = nil
    return table
  end
  return { pandoc.RawBlock("typst", "#figure(kind: table, numbering: none)["), table, pandoc.RawBlock("typst", "]") }
end

return { { FloatRefTarget = known }, { Table = alone } }
