-- The notes below a table have a small type of their own in the PDF and a style of their own in Word.
function Div(div)
  if not (quarto and quarto.version and div.classes:includes("table-notes")) then
    return nil -- the built-in renderer does this itself
  end
  if FORMAT:match("typst") then
    local notes = pandoc.Blocks({ pandoc.RawBlock("typst", "#table-notes[") })
    notes:extend(div.content)
    notes:insert(pandoc.RawBlock("typst", "]"))
    return notes
  end
  if FORMAT:match("docx") then
    div.attributes["custom-style"] = "Table Notes"
    return div
  end
end
