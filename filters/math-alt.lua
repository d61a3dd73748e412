-- PDF/UA-1 wants an alternative text for every formula, and Typst stops without one. A formula takes the `alt` of the span
-- around it, as in [$x$]{alt="x"}, else its own TeX. Both ways of typesetting run this filter.
--
-- Quarto sets a numbered equation as an equation around the formula; it has to be one equation, with one text.
if not FORMAT:match("typst") then
  return {}
end

local function literal(text)
  return '"' .. text:gsub("%s+", " "):gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function in_typst(math)
  return (pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", ""))
end

local function equation(math, alt)
  local typst = in_typst(math)
  local block = math.mathtype == "DisplayMath" and "true" or "false"
  -- The body alone: a formula inside a formula would want an alternative text of its own. The semicolon ends the expression.
  local call = "#math.equation(alt: " .. literal(alt) .. ", block: " .. block .. ", " .. typst .. ".body);"
  return pandoc.RawInline("typst", call)
end

local function is_raw(inline, pattern)
  return inline and inline.t == "RawInline" and inline.format == "typst" and inline.text:match(pattern)
end

local function numbered(inlines)
  local changed = false
  for place = 1, #inlines - 2 do
    local head = is_raw(inlines[place], "^(#math%.equation%(block: %a+, numbering: equation%-numbering.*), %[ $")
    local label = is_raw(inlines[place + 2], "^ %]%)(<.*>)$")
    local math = inlines[place + 1]
    if head and label and math.t == "Math" then
      local alt = head:find(", alt: ", 1, true) and "" or ", alt: " .. literal(math.text)
      inlines[place] = pandoc.RawInline("typst", head .. alt .. ", " .. in_typst(math) .. ".body)" .. label)
      inlines[place + 1], inlines[place + 2] = pandoc.Str(""), pandoc.Str("")
      changed = true
    end
  end
  return changed and inlines or nil
end

return {
  { Inlines = numbered },
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
