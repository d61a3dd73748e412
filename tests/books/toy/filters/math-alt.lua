-- PDF/UA needs an alternative text for each formula; here its TeX.
function Math(math)
  if FORMAT ~= "typst" then return nil end
  local typst = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", "")
  local block = math.mathtype == "DisplayMath"
  local body = typst:gsub("^%$%s*", ""):gsub("%s*%$$", "")
  local alt = math.text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ")
  return pandoc.RawInline("typst",
    "#math.equation(alt: \"" .. alt .. "\", block: " .. tostring(block) .. ", $" .. body .. "$)")
end
