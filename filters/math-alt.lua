-- PDF/UA-1 wants an alternative text for every formula, and Typst stops without one. A formula takes the `alt` of the span
-- around it, as in [$x$]{alt="x"}, else its own TeX. Both ways of typesetting run this filter.
if not FORMAT:match("typst") then
  return {}
end

local function literal(text)
  return '"' .. text:gsub("%s+", " "):gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function equation(math, alt)
  local typst = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", "")
  local block = math.mathtype == "DisplayMath" and "true" or "false"
  -- The body alone: a formula inside a formula would want an alternative text of its own. The semicolon ends the expression.
  local call = "#math.equation(alt: " .. literal(alt) .. ", block: " .. block .. ", " .. typst .. ".body);"
  return pandoc.RawInline("typst", call)
end

return {
  {
    Span = function(span)
      local alt = span.attributes["alt"]
      if not alt then
        return nil
      end
      return span:walk({ Math = function(math) return equation(math, alt) end })
    end,
  },
  { Math = function(math) return equation(math, math.text) end },
}
