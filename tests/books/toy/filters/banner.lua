-- In the PDF the banner goes into the running head.
function Div(div)
  if div.classes:includes("banner") and FORMAT == "typst" then
    local text = pandoc.utils.stringify(div)
    return pandoc.RawBlock("typst", '#report-banner.update["' .. text .. '"]')
  end
end
