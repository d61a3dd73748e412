-- The notice on every page: in the PDF it belongs to the running head, in Word it is a paragraph of its own style.
function Div(div)
  if not div.classes:includes("banner") then
    return nil
  end
  if FORMAT:match("typst") then
    local content = pandoc.write(pandoc.Pandoc(div.content), "typst")
    return pandoc.RawBlock("typst", "#report-banner.update[" .. content:gsub("%s+$", "") .. "]")
  end
  if FORMAT:match("docx") then
    div.attributes["custom-style"] = "Banner"
    return div
  end
  return nil
end
