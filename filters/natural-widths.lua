-- Pandoc gives a table fixed shares of the page when a line of its source is long, and the marks that carry the origin of
-- numbers make lines long. On the website a table whose text alone would fit goes back to columns as wide as their text.
local FITS = 72

function Table(tbl)
  if not (quarto and quarto.version and FORMAT:match("html")) then
    return nil -- the built-in renderer reads lines of any length
  end
  local widths, rows = {}, {}
  for _, row in ipairs(tbl.head.rows) do table.insert(rows, row) end
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do table.insert(rows, row) end
  end
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      widths[column] = math.max(widths[column] or 0, utf8.len(text) or #text)
    end
  end
  local total = 1
  for _, width in ipairs(widths) do total = total + width + 3 end
  if total > FITS then
    return nil
  end
  tbl.colspecs = tbl.colspecs:map(function(spec) return { spec[1], nil } end)
  return tbl
end
